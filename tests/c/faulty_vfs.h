/* An SQLite VFS, for tests: the n-th call to it fails, or the program ends at it. */
#ifndef FAULTY_VFS_H
#define FAULTY_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <unistd.h>

/* The calls so far, and the number of the call that fails or ends the program; 0: none. */
static unsigned long calls, fail_at, exit_at;
static int fail_with; /* the error of a write that fails */

static bool is_faulty(void)
{
    calls++;
    if (exit_at && calls == exit_at)
        _exit(77);
    return fail_at && calls == fail_at;
}

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static int close_file(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int read_file(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    if (is_faulty())
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

/* Writes half of the bytes before it fails. */
static int write_file(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    if (is_faulty()) {
        real_of(file)->pMethods->xWrite(real_of(file), data, size / 2, offset);
        return fail_with;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), data, size, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    if (is_faulty())
        return SQLITE_IOERR_TRUNCATE;
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    if (is_faulty())
        return SQLITE_IOERR_FSYNC;
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int is_reserved(sqlite3_file *file, int *result)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int map_shared(sqlite3_file *file, int page, int size, int extend, void volatile **map)
{
    if (is_faulty())
        return SQLITE_IOERR_SHMMAP;
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, map);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void barrier_shared(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static const sqlite3_io_methods faulty_methods = {2,
                                                  close_file,
                                                  read_file,
                                                  write_file,
                                                  truncate_file,
                                                  sync_file,
                                                  file_size,
                                                  lock_file,
                                                  unlock_file,
                                                  is_reserved,
                                                  control,
                                                  sector_size,
                                                  characteristics,
                                                  map_shared,
                                                  lock_shared,
                                                  barrier_shared,
                                                  unmap_shared,
                                                  NULL,
                                                  NULL};

static sqlite3_vfs *real_vfs;

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    (void)vfs;
    struct faulty_file *faulty = (struct faulty_file *)file;
    *faulty = (struct faulty_file){.real = (sqlite3_file *)(faulty + 1)};
    if (is_faulty())
        return SQLITE_CANTOPEN;
    int result = real_vfs->xOpen(real_vfs, name, faulty->real, flags, out_flags);
    if (faulty->real->pMethods)
        faulty->base.pMethods = &faulty_methods;
    return result;
}

/* Makes SQLite use this VFS for all files from now on. */
static void install_vfs(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(struct faulty_file) + real_vfs->szOsFile;
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 1);
}

#endif
