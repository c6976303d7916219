#include "update/redirect.h"

#include <fcntl.h>
#include <unistd.h>

#include "text/message.h"
#include "text/standard_output.h"

bool redirect_begin(struct redirected *standard, const struct update_output *output)
{
    int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    bool is_closed = out >= 0 && (fcntl(out, F_GETFL) & O_ACCMODE) == O_RDONLY;
    fflush(stdout);
    *standard = (struct redirected){.out = stdout,
                                    .own_out = out < 0 ? NULL : fdopen(out, is_closed ? "r" : "w"),
                                    .error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
    if (!standard->own_out || standard->error < 0)
        return false;
    stdout = standard->own_out;
    message_set_descriptor(standard->error);
    return dup2(output->out, STDOUT_FILENO) >= 0 && dup2(output->error, STDERR_FILENO) >= 0;
}

int redirect_end(struct redirected *standard)
{
    int lost = standard->own_out ? standard_output_flush() : 0;
    stdout = standard->out;
    message_set_descriptor(STDERR_FILENO);
    if (standard->own_out) {
        dup2(fileno(standard->own_out), STDOUT_FILENO);
        fclose(standard->own_out);
    }
    if (standard->error >= 0) {
        dup2(standard->error, STDERR_FILENO);
        close(standard->error);
    }
    return lost;
}
