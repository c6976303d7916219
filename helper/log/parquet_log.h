/* Logs in Parquet files: v2 logs that CloudFront, or a tool after it, wrote as a table. */
#ifndef LOG_PARQUET_LOG_H
#define LOG_PARQUET_LOG_H

#include "log/format.h"

extern const struct format parquet_format;

#endif
