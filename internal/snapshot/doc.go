// Package snapshot keeps good generations of what an agent declares, and puts them back.
//
// A generation is a folder with a manifest (names, modes, SHA-256) and a copy of each tree,
// sharing blocks where the file system can. Everything is read and written below folder
// descriptors that cannot be left through links; what is no file, folder or link of the
// tree's own owner is left out and listed. Putting one back stages a copy beside the tree,
// brings it to the disk, writes down what is about to be done, and exchanges the two names:
// a kill or a full disk at any moment leaves the old tree or the new one, and Recover ends
// what was begun.
package snapshot
