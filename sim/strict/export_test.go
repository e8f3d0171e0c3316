package strict

// DecodeInPieces is Decode with the longest list cut into pieces of about size bytes, however long the file is; nil if that
// cannot be done.
func DecodeInPieces(name string, src []byte, into any, size int) *File {
	return decodeInPieces(name, src, into, size)
}
