/* The systemd timer of a site, and the cron line for a machine without it. */
#ifndef SETUP_TIMER_H
#define SETUP_TIMER_H

#include <stdbool.h>

#include "setup/account.h"
#include "text/buffer.h"

/* Returns whether systemd runs, and has the unit awstats-cloudfront@.timer. */
bool timer_is_there(void);

/* Returns whether the timer of the site NAME is enabled. */
bool timer_is_enabled(const char *name);

/* Enables and starts the timer, or disables and stops it.  Returns false with one line in ERROR. */
bool timer_enable(const char *name, struct buffer *error);
bool timer_disable(const char *name, struct buffer *error);

/* Stores the user of the service that the timer starts, User= of the unit; "" when the unit names
 * none. */
void timer_find_user(char user[ACCOUNT_NAME_SIZE]);

/* Adds the name of the unit. */
void timer_add_name(struct buffer *out, const char *name);

/* Adds a line for a crontab that updates the site each hour: of /etc/cron.d, which names the user,
 * if OWNER is not NULL; else one of "crontab -e".  CONFIG is NULL for the default one.  The minute
 * differs from site to site. */
void timer_add_cron_line(struct buffer *out, const char *program, const char *name,
                         const char *config, const struct account *owner);

#endif
