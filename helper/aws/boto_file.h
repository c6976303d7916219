/* The files of boto, from which the tools of AWS still take keys: BOTO_CONFIG, else /etc/boto.cfg and ~/.boto.
 * This program does not read the keys. */
#ifndef AWS_BOTO_FILE_H
#define AWS_BOTO_FILE_H

/* Returns the path of the file that has keys, which the caller frees; NULL: none has. */
char *boto_file_find(void);

#endif
