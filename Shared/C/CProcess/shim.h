// fork, exec, wait and signals for engines and development processes.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// What the child was doing when it failed.
enum cprocess_stage {
    cprocess_stage_none = 0,
    cprocess_stage_prepare = 1,
    cprocess_stage_directory = 2,
    cprocess_stage_limits = 3,
    cprocess_stage_exec = 4,
};

struct cprocess_failure {
    int stage;
    int error;
};

struct cprocess_limit {
    int resource;
    uint64_t value;
};

// Texts that end in NUL, one behind the other.
struct cprocess_texts {
    const char *bytes;
    size_t count;
};

struct cprocess_request {
    const char *path;
    struct cprocess_texts arguments;
    struct cprocess_texts environment;
    const char *directory;
    // Becomes standard output and standard error of the child. Above 2.
    int output;
    const struct cprocess_limit *limits;
    size_t limit_count;
};

static inline char **cprocess_vector(struct cprocess_texts texts) {
    char **vector = (char **)calloc(texts.count + 1, sizeof(char *));
    if (!vector) return NULL;
    const char *next = texts.bytes;
    for (size_t index = 0; index < texts.count; index++) {
        vector[index] = (char *)next;
        next += strlen(next) + 1;
    }
    return vector;
}

// The descriptor, moved out of the way of 0, 1 and 2 if this process runs without them.
static inline int cprocess_above(int descriptor) {
    if (descriptor < 0 || descriptor > 2) return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    close(descriptor);
    return moved;
}

static inline void cprocess_report(int pipe, int stage) {
    struct cprocess_failure failure = {stage, errno};
    ssize_t written = write(pipe, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

// Everything between fork and exec: only calls that are safe in a child of a process with threads.
static inline void cprocess_child(
    const struct cprocess_request *request, char **arguments, char **environment, int input, int pipe) {
    if (setsid() < 0) cprocess_report(pipe, cprocess_stage_prepare);
    struct sigaction standard = {0};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number <= 64; number++) (void)sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0) cprocess_report(pipe, cprocess_stage_prepare);
    if (dup2(input, 0) < 0 || dup2(request->output, 1) < 0 || dup2(request->output, 2) < 0)
        cprocess_report(pipe, cprocess_stage_prepare);
    // 436 is close_range, 4 is CLOSE_RANGE_CLOEXEC: the exec closes everything else, the pipe too.
    if (syscall(436, 3, ~0U, 4) < 0)
        for (int descriptor = 3; descriptor < 65536; descriptor++) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (chdir(request->directory) < 0) cprocess_report(pipe, cprocess_stage_directory);
    for (size_t index = 0; index < request->limit_count; index++) {
        struct rlimit limit;
        int resource = request->limits[index].resource;
        if (getrlimit(resource, &limit) < 0) cprocess_report(pipe, cprocess_stage_limits);
        // Never above what this process may have itself.
        rlim_t value = (rlim_t)request->limits[index].value;
        if (limit.rlim_max == RLIM_INFINITY || value < limit.rlim_max) limit.rlim_max = value;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(resource, &limit) < 0) cprocess_report(pipe, cprocess_stage_limits);
    }
    execve(request->path, arguments, environment);
    cprocess_report(pipe, cprocess_stage_exec);
}

// Starts a process in a session of its own. Returns its pid, or -1 with `failure` filled in; then no child is left.
static inline pid_t cprocess_spawn(const struct cprocess_request *request, struct cprocess_failure *failure) {
    int ends[2] = {-1, -1};
    int input = cprocess_above(open("/dev/null", O_RDONLY | O_CLOEXEC));
    char **arguments = cprocess_vector(request->arguments);
    char **environment = cprocess_vector(request->environment);
    pid_t pid = -1;
    failure->stage = cprocess_stage_none;
    if (input >= 0 && arguments && environment && pipe2(ends, O_CLOEXEC) == 0) {
        ends[0] = cprocess_above(ends[0]);
        ends[1] = cprocess_above(ends[1]);
        pid = fork();
        if (pid == 0) cprocess_child(request, arguments, environment, input, ends[1]);
    }
    if (pid < 0) {
        failure->stage = cprocess_stage_prepare;
        failure->error = errno;
    }
    if (ends[1] >= 0) close(ends[1]);
    if (pid > 0) {
        ssize_t count;
        // The pipe closes without a word when the exec succeeds.
        do count = read(ends[0], failure, sizeof *failure);
        while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof *failure) {
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
            pid = -1;
        } else {
            failure->stage = cprocess_stage_none;
        }
    }
    if (ends[0] >= 0) close(ends[0]);
    if (input >= 0) close(input);
    free(arguments);
    free(environment);
    return pid;
}

// Reaps the child if it has ended. 0: it runs still. -1: it is no child of ours, or was reaped before.
static inline pid_t cprocess_reap(pid_t pid, int *status) {
    pid_t result;
    do result = waitpid(pid, status, WNOHANG);
    while (result < 0 && errno == EINTR);
    return result;
}

static inline int cprocess_has_exited(int status) { return WIFEXITED(status); }
static inline int cprocess_exit_code(int status) { return WEXITSTATUS(status); }
static inline int cprocess_signal(int status) { return WTERMSIG(status); }

// 434 is pidfd_open, 424 is pidfd_send_signal; both have been there since Linux 5.3.
static inline int cprocess_open(pid_t pid) { return (int)syscall(434, pid, 0); }
static inline int cprocess_send(int pidfd, int signal) { return (int)syscall(424, pidfd, signal, NULL, 0); }

// Binds a TCP socket to 127.0.0.1 or, with `any`, to all addresses, as servers do it, and closes it again. Returns the
// port that it got, or -1 with errno set.
static inline int cprocess_try_port(uint16_t port, int any) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int on = 1;
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK);
    int result = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (result == 0) result = bind(descriptor, (struct sockaddr *)&address, length);
    // Only listening tells two sockets apart that both said SO_REUSEADDR.
    if (result == 0) result = listen(descriptor, 1);
    if (result == 0) result = getsockname(descriptor, (struct sockaddr *)&address, &length);
    int error = errno;
    close(descriptor);
    errno = error;
    return result == 0 ? ntohs(address.sin_port) : -1;
}
