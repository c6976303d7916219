/* Checks that everything that was printed has reached the standard output. */
#ifndef TEXT_STANDARD_OUTPUT_H
#define TEXT_STANDARD_OUTPUT_H

/* Flushes stdout.  Returns 0, or the errno of the failure if a text is lost. */
int standard_output_flush(void);

#endif
