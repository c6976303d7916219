/* _exit() for make coverage: first writes which lines have run, as exit() does.  The linker puts this function in the
 * place of _exit() (-Wl,--wrap=_exit). */
void __gcov_dump(void);
void __wrap__exit(int status) __attribute__((noreturn));
void __real__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
