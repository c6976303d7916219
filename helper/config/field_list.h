/* The setting fields: the names of the columns of logs without a header. */
#ifndef CONFIG_FIELD_LIST_H
#define CONFIG_FIELD_LIST_H

/* Returns NULL if the setting can have this value, or an error such as "must name ...", valid until the next call in
 * this thread.  A name that no field has is an error only if it seems to be mistyped: CloudFront may add fields. */
const char *field_list_check(const char *names);

#endif
