/* The files of boto, from which the AWS tools still read keys: BOTO_CONFIG, else /etc/boto.cfg and
 * ~/.boto. This program finds the files, and does not use their keys. */
#ifndef AWS_BOTO_FILE_H
#define AWS_BOTO_FILE_H

/* Returns the path of the first file that has keys; the caller frees it.  NULL: no file has
 * keys. */
char *boto_file_find(void);

#endif
