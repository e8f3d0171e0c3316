// Package config reads what a controller has stored and says what it means: which sites form the federation, and what a
// service engine must serve, answer and check. It is pure; every function turns bodies into values.
//
// Bodies are complete: the schema has filled in defaults when they were written. Values that are missing all the same, as
// in bodies that came from another version, take the schema's defaults.
package config
