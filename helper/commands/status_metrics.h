/* The numbers of sites for Prometheus, in its text format, which the textfile collector of node_exporter
 * reads. */
#ifndef COMMANDS_STATUS_METRICS_H
#define COMMANDS_STATUS_METRICS_H

#include "commands/status_site.h"

/* Writes the FILE, "-" for the standard output.  Returns false after printing an error. */
bool status_write_metrics(const char *file, const struct status_site *sites, size_t count);

#endif
