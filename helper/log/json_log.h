/* Logs of JSON objects. */
#ifndef LOG_JSON_LOG_H
#define LOG_JSON_LOG_H

#include "log/format.h"

extern const struct format json_format;

#endif
