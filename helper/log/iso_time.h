/* Times as in ISO 8601, which programs write in the place of CloudFront's date and time. */
#ifndef LOG_ISO_TIME_H
#define LOG_ISO_TIME_H

#include <stdbool.h>

#include "normalized/field.h"

/* Finds the date and the time of day, up to the second; the time zone is UTC:
 * 2026-03-10T12:00:00.250Z
 * 2026-03-10 12:00:00
 * Both lie in VALUE.  Returns false when the value is no such time. */
bool iso_time_find(struct field value, struct field *date, struct field *clock);

#endif
