// SPDX-License-Identifier: MIT
// Runs a program and writes its peak memory in KiB into a file: peak FILE PROGRAM [ARGUMENT ...]. A process of its own,
// because Linux counts the memory of the process that starts another as the other's, and this one is small.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
    if (argc < 3) return 64;
    const pid_t child = ::fork();
    if (child < 0) return 71;
    if (child == 0) {
        ::execv(argv[2], argv + 2);
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    if (::wait4(child, &status, 0, &used) != child) return 71;
    std::FILE* const file = std::fopen(argv[1], "w");
    if (file == nullptr) return 74;
    std::fprintf(file, "%ld\n", used.ru_maxrss);
    std::fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
