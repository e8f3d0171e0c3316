// Package chart turns counts and instants into places in a picture: percentages from left to right, so that a picture
// can be of any width, and pixels from top to bottom. It draws nothing. All functions are pure, and safe for concurrent
// use.
package chart
