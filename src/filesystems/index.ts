export { AbstractedFS, type FileStat, type FilesystemUser } from './abstracted-fs.ts'
export { FilesystemError, NoFreeNameError } from './errors.ts'
export { HostFile, type OpenFile, type OpenMode } from './open-file.ts'
export { UnixFilesystem } from './unix-filesystem.ts'
