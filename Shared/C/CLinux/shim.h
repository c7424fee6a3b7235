// The Linux calls that the Glibc module map does not show.
#pragma once
#include <linux/filter.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <pthread.h>
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int dup3(int descriptor, int target, int flags);

// Has a listening socket drop requests for a connection (SYN without ACK) and nothing else: the kernel runs this little
// program on every segment that comes for the socket. 0, or -1 with errno.
static inline int slipway_drop_connection_requests(int descriptor) {
    enum { tcp_flags = 13, syn = 0x02, ack = 0x10 };
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, tcp_flags),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog program = { .len = sizeof steps / sizeof steps[0], .filter = steps };
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// How many bytes that were sent the peer's kernel has not acknowledged. -1 with errno.
static inline int slipway_unacknowledged_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}
