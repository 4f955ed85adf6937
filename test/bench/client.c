/* A neutral FTP load client, in C so that it is not what is measured.
 *
 *   cc -O2 -pthread -o load client.c                       (plain)
 *   cc -O2 -pthread -DTLS -o load client.c -lssl -lcrypto  (with FTPS)
 *
 *   load -H 127.0.0.1 -P 2121 -u user -w 12345 [options] MODE
 *
 *   sessions   connect + USER + PASS + QUIT, until -t seconds passed, -c threads
 *   cmd        round trips of one command (-C, default NOOP) with a single-line
 *              reply: -c connections, -d commands in flight on each (epoll)
 *   small      PASV + RETR of -f until -t seconds passed, -c threads
 *   smallstor  PASV + STOR of -s bytes to -f.<thread>, until -t seconds passed
 *   retr       RETR of -f at least -n times and -t seconds, -c threads: MB/s
 *   stor       STOR of -s bytes to -f.<thread>, at least -n times and -t seconds, -c threads: MB/s
 *   list       -C (default LIST) with -f as its argument, at least -n times and -t seconds: milliseconds of one
 *   pace       RETR of -f for -t seconds: bytes per second, and the longest gap
 *   idle       -n logged-in sessions; prints a line, then waits for end of stdin
 *
 *   -E EPSV, not PASV;  -S explicit FTPS (AUTH TLS, PBSZ 0, PROT P);
 *   -e for ftp-srv's FTPS: the data handshake before the command, 30 ms after 234;
 *   -T the cheap data plane: RETR discards in the kernel (MSG_TRUNC), STOR sends
 *      from a memfd with sendfile(2), so that this client does not copy a byte.
 *
 * One JSON line on stdout. rc 0 only where no operation failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
static SSL_CTX *ctx;
#endif

static const char *host = "127.0.0.1", *user = "user", *pass = "12345", *file = "", *what = NULL;
static const char *mode = "";
static int port = 21, conc = 1, depth = 1, epsv = 0, cheap = 0, tls = 0, early = 0;
static long count = 1, size = 1024;
static double secs = 2;
static char cipher[64] = "";
#define IOBUF (1 << 20)

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

typedef struct {
    int fd, have, pos;
    char text[1024];
    char buf[16384];
#ifdef TLS
    SSL *ssl;
#endif
} ctl;

typedef struct {
    int fd;
#ifdef TLS
    SSL *ssl;
#endif
} data;

static __thread char whyt[512];
static char why[512];
static int fail(const char *fmt, ...) {
    va_list a;
    va_start(a, fmt);
    vsnprintf(whyt, sizeof whyt, fmt, a);
    va_end(a);
    if (!why[0]) strcpy(why, whyt);
    return -1;
}

/* one line of JSON for a mode that could not do its work */
static int gave_up(void) {
    printf("{\"mode\":\"%s\",\"errors\":1,\"why\":\"", mode);
    for (char *s = why; *s; s++)
        if (*s >= 32 && *s != '"' && *s != '\\') putchar(*s);
    printf("\"}\n");
    return 1;
}

static int dial(const char *h, int p) {
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(p)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail("socket: %s", strerror(errno));
    inet_pton(AF_INET, h, &sa.sin_addr);
    if (connect(fd, (void *)&sa, sizeof sa)) {
        int e = errno;
        close(fd);
        return fail("connect %d: %s", p, strerror(e));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct timeval tv = {60, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    return fd;
}

static ssize_t cread(ctl *c, char *b, size_t n) {
#ifdef TLS
    if (c->ssl) return SSL_read(c->ssl, b, n);
#endif
    return recv(c->fd, b, n, 0);
}
static int cwrite(ctl *c, const char *b, size_t n) {
#ifdef TLS
    if (c->ssl) return SSL_write(c->ssl, b, n) == (int)n ? 0 : fail("SSL_write");
#endif
    return send(c->fd, b, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : fail("send: %s", strerror(errno));
}

static int getline_(ctl *c, char *out, int max) {
    int n = 0;
    for (;;) {
        while (c->pos < c->have) {
            char ch = c->buf[c->pos++];
            if (n < max - 1) out[n++] = ch;
            if (ch == '\n') {
                out[n] = 0;
                return n;
            }
        }
        ssize_t r = cread(c, c->buf, sizeof c->buf);
        if (r <= 0) return fail("control connection: %s", r ? strerror(errno) : "closed");
        c->have = r, c->pos = 0;
    }
}

static int reply(ctl *c) {
    char line[1024], end[5] = "";
    for (;;) {
        if (getline_(c, line, sizeof line) < 0) return -1;
        if (!end[0]) {
            if (strlen(line) > 3 && line[3] == '-') {
                memcpy(end, line, 3);
                end[3] = ' ', end[4] = 0;
                continue;
            }
        } else if (strncmp(line, end, 4)) continue;
        memcpy(c->text, line, sizeof line);
        return atoi(line);
    }
}

static int cmd(ctl *c, const char *fmt, ...) {
    char b[1024];
    va_list a;
    va_start(a, fmt);
    int n = vsnprintf(b, sizeof b - 3, fmt, a);
    va_end(a);
    memcpy(b + n, "\r\n", 2);
    if (cwrite(c, b, n + 2) < 0) return -1;
    return reply(c);
}

static int expect(ctl *c, int got, int klass) {
    if (got / 100 == klass) return 0;
    if (got < 0) return -1;
    return fail("unexpected reply: %.200s", c->text);
}

static void hangup(ctl *c) {
#ifdef TLS
    if (c->ssl) SSL_free(c->ssl), c->ssl = NULL;
#endif
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
}

static int login(ctl *c, int typei) {
    c->have = c->pos = 0;
#ifdef TLS
    c->ssl = NULL;
#endif
    if ((c->fd = dial(host, port)) < 0) return -1;
    if (expect(c, reply(c), 2)) return -1;
#ifdef TLS
    if (tls) {
        if (expect(c, cmd(c, "AUTH TLS"), 2)) return -1;
        if (early) usleep(30000);
        c->ssl = SSL_new(ctx);
        SSL_set_fd(c->ssl, c->fd);
        if (SSL_connect(c->ssl) != 1) return fail("SSL_connect (control): %s", ERR_reason_error_string(ERR_peek_error()));
    }
#endif
    int r = cmd(c, "USER %s", user);
    if (r == 331) r = cmd(c, "PASS %s", pass);
    if (expect(c, r, 2)) return -1;
#ifdef TLS
    if (tls) {
        if (expect(c, cmd(c, "PBSZ 0"), 2)) return -1;
        if (expect(c, cmd(c, "PROT P"), 2)) return -1;
    }
#endif
    if (typei && expect(c, cmd(c, "TYPE I"), 2)) return -1;
    return 0;
}

static int passive(ctl *c, data *d) {
#ifdef TLS
    d->ssl = NULL;
#endif
    int p = 0;
    if (epsv) {
        if (expect(c, cmd(c, "EPSV"), 2)) return -1;
        char *s = strstr(c->text, "|||");
        if (!s || sscanf(s, "|||%d|", &p) != 1) return fail("EPSV reply: %.200s", c->text);
    } else {
        if (expect(c, cmd(c, "PASV"), 2)) return -1;
        char *s = c->text + 4;
        int a, b, e, f, g, h;
        for (; *s; s++)
            if (*s >= '0' && *s <= '9' && sscanf(s, "%d,%d,%d,%d,%d,%d", &a, &b, &e, &f, &g, &h) == 6) {
                p = g * 256 + h;
                break;
            }
        if (!p) return fail("PASV reply: %.200s", c->text);
    }
    return (d->fd = dial(host, p)) < 0 ? -1 : 0;
}

static int dsecure(ctl *c, data *d) {
#ifdef TLS
    if (!tls) return 0;
    d->ssl = SSL_new(ctx);
    SSL_set_fd(d->ssl, d->fd);
    SSL_SESSION *s = SSL_get1_session(c->ssl);
    if (s) SSL_set_session(d->ssl, s), SSL_SESSION_free(s);
    if (SSL_connect(d->ssl) != 1) return fail("SSL_connect (data): %s", ERR_reason_error_string(ERR_peek_error()));
    snprintf(cipher, sizeof cipher, "%s %s%s", SSL_get_version(d->ssl), SSL_get_cipher_name(d->ssl), SSL_session_reused(d->ssl) ? " resumed" : "");
#endif
    return 0;
}

static void dclose(data *d) {
#ifdef TLS
    if (d->ssl) {
        char b[4096]; /* unread session tickets would make close() a reset: read to the end first */
        SSL_shutdown(d->ssl);
        shutdown(d->fd, SHUT_WR);
        while (recv(d->fd, b, sizeof b, 0) > 0) {}
        SSL_free(d->ssl);
        d->ssl = NULL;
    }
#endif
    close(d->fd);
}

/* everything there is on the data connection; bytes, or -1 */
static long drain(data *d, char *buf, long *lines) {
    long total = 0;
    for (;;) {
        ssize_t r;
#ifdef TLS
        if (d->ssl) {
            r = SSL_read(d->ssl, buf, IOBUF);
            if (r <= 0) {
                int e = SSL_get_error(d->ssl, r);
                if (e == SSL_ERROR_ZERO_RETURN || e == SSL_ERROR_SYSCALL || e == SSL_ERROR_SSL) return total;
                return fail("SSL_read %d", e);
            }
        } else
#endif
            r = recv(d->fd, buf, IOBUF, cheap && !lines ? MSG_TRUNC : 0);
        if (r < 0) return fail("data: %s", strerror(errno));
        if (r == 0) return total;
        total += r;
        if (lines)
            for (char *p = buf, *e = buf + r; (p = memchr(p, '\n', e - p)); p++) ++*lines;
    }
}

static int memfd = -1;
static int pour(data *d, const char *buf, long n) {
    long done = 0;
    while (done < n) {
        ssize_t r;
        long want = n - done < IOBUF ? n - done : IOBUF;
#ifdef TLS
        if (d->ssl) r = SSL_write(d->ssl, buf, want);
        else
#endif
            if (cheap) {
            off_t o = 0;
            r = sendfile(d->fd, memfd, &o, want);
        } else
            r = send(d->fd, buf, want, MSG_NOSIGNAL);
        if (r <= 0) return fail("data send: %s", strerror(errno));
        done += r;
    }
    return 0;
}

static int transfer(ctl *c, data *d, const char *verb, const char *name, char *buf, long n, long *bytes, long *lines) {
    if (passive(c, d)) return -1;
    if (early && dsecure(c, d)) return -1;
    int r = name && *name ? cmd(c, "%s %s", verb, name) : cmd(c, "%s", verb);
    if (expect(c, r, 1) || (!early && dsecure(c, d))) {
        close(d->fd);
        return -1;
    }
    if (n >= 0) {
        if (pour(d, buf, n)) {
            dclose(d);
            return -1;
        }
        *bytes = n;
    } else if ((*bytes = drain(d, buf, lines)) < 0) {
        dclose(d);
        return -1;
    }
    dclose(d);
    return expect(c, reply(c), 2);
}

typedef struct {
    pthread_t th;
    int id, ok;
    long ops, errors, bytes;
    double end, *lat;
    long nlat;
} worker;
#define MAXLAT 200000

static pthread_barrier_t gate;
static double started;

static void note(worker *w, double t) {
    if (w->nlat < MAXLAT) w->lat[w->nlat++] = now() - t;
    w->ops++;
}

static void *run(void *arg) {
    worker *w = arg;
    ctl *c = calloc(1, sizeof *c);
    char *buf = mmap(NULL, IOBUF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), name[600];
    memset(buf, 'x', IOBUF);
    w->lat = malloc(MAXLAT * sizeof(double));
    int logged = 0;
    c->fd = -1;
    if (strcmp(mode, "sessions")) {
        if (login(c, 1)) w->errors++;
        else logged = 1;
    }
    pthread_barrier_wait(&gate);
    if (w->id == 0) started = now();
    pthread_barrier_wait(&gate);
    double t0 = started, t;
    data d;
    if (!strcmp(mode, "sessions")) {
        while ((t = now()) - t0 < secs) {
            if (login(c, 0) || expect(c, cmd(c, "QUIT"), 2)) w->errors++;
            else note(w, t);
            hangup(c);
            if (w->errors > 20) break;
        }
    } else if (logged) {
        int st = !strcmp(mode, "smallstor") || !strcmp(mode, "stor"), timed = !strncmp(mode, "small", 5);
        int ls = !strcmp(mode, "list");
        if (st) snprintf(name, sizeof name, "%s.%d", file, w->id);
        else snprintf(name, sizeof name, "%s", file);
        long b, k = 0;
        while ((t = now()) - t0 < secs || (!timed && k < count)) {
            k++;
            if (transfer(c, &d, ls ? (what ? what : "LIST") : st ? "STOR" : "RETR", name, buf, st ? size : -1, &b, NULL)) {
                w->errors++;
                hangup(c);
                if (w->errors > 20 || login(c, 1)) break;
            } else note(w, t), w->bytes += b;
        }
    }
    w->end = now();
    if (c->fd >= 0) {
        if (logged) cmd(c, "QUIT");
        hangup(c);
    }
    return NULL;
}

static int cmpd(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}

static double cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static int threads(void) {
    worker *w = calloc(conc, sizeof *w);
    pthread_barrier_init(&gate, NULL, conc);
    for (int i = 0; i < conc; i++) {
        w[i].id = i;
        pthread_attr_t a;
        pthread_attr_init(&a);
        pthread_attr_setstacksize(&a, 256 << 10);
        if (pthread_create(&w[i].th, &a, run, &w[i])) return fprintf(stderr, "pthread_create\n"), 2;
    }
    long ops = 0, err = 0, bytes = 0, n = 0;
    double end = 0;
    double *all = malloc(sizeof(double) * MAXLAT * (long)conc);
    for (int i = 0; i < conc; i++) {
        pthread_join(w[i].th, NULL);
        ops += w[i].ops, err += w[i].errors, bytes += w[i].bytes;
        if (w[i].end > end) end = w[i].end;
        memcpy(all + n, w[i].lat, w[i].nlat * sizeof(double));
        n += w[i].nlat;
    }
    double el = end - started;
    qsort(all, n, sizeof(double), cmpd);
    printf("{\"mode\":\"%s\",\"conc\":%d,\"ops\":%ld,\"errors\":%ld,\"secs\":%.4f,\"rate\":%.2f,\"bytes\":%ld,\"mbps\":%.1f,"
           "\"p50Ms\":%.4f,\"p99Ms\":%.4f,\"clientCpu\":%.3f,\"cipher\":\"%s\",\"why\":\"",
           mode, conc, ops, err, el, ops / el, bytes, bytes / el / 1e6, n ? all[n / 2] * 1e3 : 0, n ? all[n * 99 / 100] * 1e3 : 0, cpu(), cipher);
    for (char *s = why; *s; s++)
        if (*s >= 32 && *s != '"' && *s != '\\') putchar(*s);
    printf("\"}\n");
    return err || !ops ? 1 : 0;
}

/* round trips of a single-line command, depth in flight on each connection */
static int commands(void) {
    char line[600], *batch;
    int L = snprintf(line, sizeof line, "%s\r\n", what ? what : "NOOP");
    batch = malloc((long)L * depth + 1);
    for (int i = 0; i < depth; i++) memcpy(batch + (long)i * L, line, L);
    ctl *c = calloc(conc, sizeof *c);
    for (int i = 0; i < conc; i++)
        if (login(&c[i], 1)) return gave_up();
    long ops = 0;
    double t0 = now(), t = t0;
    static char buf[1 << 16];
    if (conc == 1 && depth == 1) {
        do {
            for (int k = 0; k < 64; k++) {
                if (cwrite(c, line, L) < 0) return gave_up();
                ssize_t r;
                do
                    if ((r = recv(c->fd, buf, sizeof buf, 0)) <= 0) return fail("closed"), gave_up();
                while (buf[r - 1] != '\n');
                ops++;
            }
        } while ((t = now()) - t0 < secs);
    } else {
        int ep = epoll_create1(0);
        struct epoll_event e, ev[64];
        for (int i = 0; i < conc; i++) {
            e.events = EPOLLIN, e.data.u32 = i;
            epoll_ctl(ep, EPOLL_CTL_ADD, c[i].fd, &e);
            send(c[i].fd, batch, (long)L * depth, MSG_NOSIGNAL);
        }
        while ((t = now()) - t0 < secs) {
            int n = epoll_wait(ep, ev, 64, 5000);
            if (n <= 0) return fail("stalled"), gave_up();
            for (int i = 0; i < n; i++) {
                int fd = c[ev[i].data.u32].fd, k = 0;
                ssize_t r = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
                if (r <= 0) return fail("closed"), gave_up();
                for (char *p = buf, *x = buf + r; (p = memchr(p, '\n', x - p)); p++) k++;
                ops += k;
                if (k && send(fd, batch, (long)L * k, MSG_NOSIGNAL) < 0) return 1;
            }
        }
    }
    printf("{\"mode\":\"cmd\",\"conc\":%d,\"depth\":%d,\"ops\":%ld,\"errors\":0,\"secs\":%.4f,\"rate\":%.2f,\"clientCpu\":%.3f}\n", conc, depth, ops, t - t0, ops / (t - t0), cpu());
    return 0;
}

static int listing(void) {
    ctl *c = calloc(1, sizeof *c);
    data d;
    char *buf = malloc(IOBUF);
    double *lat = malloc(sizeof(double) * MAXLAT), t;
    long bytes = 0, lines = 0, n = 0;
    int bad = login(c, 1);
    double t0 = now();
    while (!bad && n < MAXLAT && ((t = now()) - t0 < secs || n < count)) {
        lines = 0;
        bad = transfer(c, &d, what ? what : "LIST", file, buf, -1, &bytes, &lines);
        lat[n++] = now() - t;
    }
    if (bad) return gave_up();
    qsort(lat, n, sizeof(double), cmpd);
    printf("{\"mode\":\"list\",\"cmd\":\"%s\",\"ops\":%ld,\"errors\":0,\"lines\":%ld,\"secs\":%.4f,\"bytes\":%ld,\"medianMs\":%.3f,\"clientCpu\":%.3f}\n",
           what ? what : "LIST", n, lines, now() - t0, bytes * n, lat[n / 2] * 1e3, cpu());
    return 0;
}

/* how evenly a throttled download arrives */
static int pace(void) {
    ctl *c = calloc(1, sizeof *c);
    char *buf = malloc(IOBUF);
    data d;
    if (login(c, 1) || passive(c, &d) || expect(c, cmd(c, "RETR %s", file), 1)) return gave_up();
    double t0 = now(), last = t0, gap = 0, t;
    long bytes = 0;
    for (;;) {
        struct pollfd p = {.fd = d.fd, .events = POLLIN};
        int left = (t0 + secs - last) * 1e3;
        if (left <= 0 || poll(&p, 1, left) <= 0) break;
        ssize_t r = recv(d.fd, buf, IOBUF, 0);
        if (r < 0) return fail("data: %s", strerror(errno)), gave_up();
        if (r == 0) break;
        t = now();
        if (t - last > gap) gap = t - last;
        last = t;
        bytes += r;
    }
    t = now();
    if (t - last > gap) gap = t - last;
    printf("{\"mode\":\"pace\",\"ops\":1,\"errors\":0,\"secs\":%.4f,\"bytes\":%ld,\"bytesPerSecond\":%.1f,\"gapMs\":%.3f,\"clientCpu\":%.3f}\n",
           t - t0, bytes, bytes / (t - t0), gap * 1e3, cpu());
    return 0;
}

static int idle(void) {
    ctl *c = calloc(1, sizeof *c);
    int *fds = malloc(sizeof(int) * count);
    double t = now();
    for (long i = 0; i < count; i++) {
        if (login(c, 0)) return gave_up();
        fds[i] = c->fd;
    }
    printf("{\"mode\":\"idle\",\"n\":%ld,\"errors\":0,\"secs\":%.3f}\n", count, now() - t);
    fflush(stdout);
    char b[16];
    while (read(0, b, sizeof b) > 0) {}
    return 0;
}

int main(int argc, char **argv) {
    int o;
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    signal(SIGPIPE, SIG_IGN);
    while ((o = getopt(argc, argv, "H:P:u:w:c:d:t:n:s:f:C:EeST")) != -1) switch (o) {
        case 'H': host = optarg; break;
        case 'P': port = atoi(optarg); break;
        case 'u': user = optarg; break;
        case 'w': pass = optarg; break;
        case 'c': conc = atoi(optarg); break;
        case 'd': depth = atoi(optarg); break;
        case 't': secs = atof(optarg); break;
        case 'n': count = atol(optarg); break;
        case 's': size = atol(optarg); break;
        case 'f': file = optarg; break;
        case 'C': what = optarg; break;
        case 'E': epsv = 1; break;
        case 'e': early = 1; break;
        case 'S': tls = 1; break;
        case 'T': cheap = 1; break;
        default: return 2;
        }
    if (optind >= argc) return fprintf(stderr, "no MODE\n"), 2;
    mode = argv[optind];
#ifdef TLS
    if (tls) {
        ctx = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:AESGCM");
        SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384");
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    }
#else
    if (tls) return fprintf(stderr, "built without -DTLS\n"), 2;
#endif
    if (cheap) {
        char *z = calloc(1, IOBUF);
        memfd = memfd_create("ftpload", 0);
        if (write(memfd, z, IOBUF) != IOBUF) return 2;
        free(z);
    }
    if (!strcmp(mode, "cmd")) return commands();
    if (!strcmp(mode, "list")) return listing();
    if (!strcmp(mode, "pace")) return pace();
    if (!strcmp(mode, "idle")) return idle();
    return threads();
}
