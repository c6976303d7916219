/* Error texts of the files of this folder: constants, which parquet.c puts the column before. */
#ifndef PARQUET_ERROR_H
#define PARQUET_ERROR_H

#define PARQUET_CORRUPT(what) "corrupt Parquet data: " what "; put a good copy in its place"
#define PARQUET_UNSUPPORTED(what, instead)                                                         \
    what "; have the program that made this file write it again " instead

#endif
