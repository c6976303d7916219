/* The names of files that a command replaces and keeps: NAME.replaced-TIME-PROCESS. */
#ifndef TEXT_REPLACED_NAME_H
#define TEXT_REPLACED_NAME_H

/* Returns what follows NAME, with the present time (UTC) and this process.  The caller frees the text. */
char *replaced_name_end(void);

#endif
