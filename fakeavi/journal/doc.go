// Package journal keeps a controller's database on disk, so that no acknowledged write is lost when the program is killed.
//
// A folder holds one snapshot of the store and one log of the changes since, of the same generation:
//
//	snapshot-7.json   the store as store.Snapshot writes it
//	journal-7.log     a line a change: CRC-32C in hexadecimal, a blank, JSON
//
// Changes are appended in the order of their commits, many with one fsync, and [Journal.Durable] lets a reply out only when
// the disk has all that the store had when it was made. When the log has grown it becomes a snapshot of the next
// generation. After a crash the log's last line may be torn; that line was never acknowledged and is dropped. Damage
// anywhere else is an error, not a guess.
package journal
