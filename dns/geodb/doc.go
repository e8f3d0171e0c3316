// Package geodb reads the geo database files a GSLB geo profile can hold: the
// product's own CSV format and MaxMind City databases. All databases are held
// in memory; looking an address up does no input or output and is safe for
// concurrent use.
package geodb
