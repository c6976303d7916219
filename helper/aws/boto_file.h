/* The files of boto, from which the AWS tools still read keys: BOTO_CONFIG, else /etc/boto.cfg and ~/.boto.
 * This program finds the files, and does not use their keys. */
#ifndef AWS_BOTO_FILE_H
#define AWS_BOTO_FILE_H

/* Returns the path of the file that has keys, which the caller frees; NULL: none has. */
char *boto_file_find(void);

#endif
