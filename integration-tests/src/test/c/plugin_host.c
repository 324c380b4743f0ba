// A host that is not Java, for PlugInHostIT: what it is asked for, it checks, and exits with 0 if it holds.
//
//   parity BACKENDS MODEL ROWS   Java samplers and their clones choose llama.cpp's own tokens of a model's rows
//   threads N                    N threads at once make samplers, the first of which starts the JVM, and use them
//   handlers                     handlers that were there before get their signals, and so does a fault
//   late                         handlers that come later, where libjsig is preloaded
//   die SIGNAL                   a signal without a handler ends the process
//   masks                        no thread of the JVM takes a signal of the host's
//   use SPEC                     prints the tokens of a sampler
//   fork                         a child of a fork is refused
#include "ggml-backend.h"
#include "java_sampler.h"
#include "llama.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS         60
#define CLONED_AT    20
#define SMALL_VOCAB  2000
#define SPEC         "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=99"
#define CHECK(holds) check(holds, #holds, __LINE__)

static void check(bool holds, const char * what, int line) {
    if (!holds) {
        fprintf(stderr, "plugin_host.c:%d: %s does not hold\n", line, what);
        exit(1);
    }
}

static struct llama_sampler * java_sampler(const char * spec) {
    char error[1024];
    struct llama_sampler * sampler = java_sampler_init(spec, error, sizeof(error));
    if (sampler == NULL) {
        fprintf(stderr, "%s: %s\n", spec, error);
        exit(1);
    }
    CHECK(*error == '\0');
    return sampler;
}

// What llama_sampler_sample does with a row.
static llama_token sample(struct llama_sampler * sampler, const float * row, int n) {
    llama_token_data * data = malloc((size_t) n * sizeof(*data));
    for (int i = 0; i < n; i++) {
        data[i] = (llama_token_data) {i, row[i], 0};
    }
    llama_token_data_array array = {data, (size_t) n, -1, false};
    llama_sampler_apply(sampler, &array);
    CHECK(array.selected >= 0 && (size_t) array.selected < array.size);
    llama_token token = array.data[array.selected].id;
    llama_sampler_accept(sampler, token);
    free(data);
    return token;
}

static struct llama_sampler * chain(int count, struct llama_sampler ** members) {
    struct llama_sampler * made = llama_sampler_chain_init(llama_sampler_chain_default_params());
    for (int i = 0; i < count; i++) {
        llama_sampler_chain_add(made, members[i]);
    }
    return made;
}

#define CHAIN(...) chain(sizeof((struct llama_sampler *[]) {__VA_ARGS__}) / sizeof(struct llama_sampler *), \
        (struct llama_sampler *[]) {__VA_ARGS__})

static struct llama_sampler * usual(int n) {
    (void) n;
    return CHAIN(llama_sampler_init_top_k(40), llama_sampler_init_top_p(0.95f, 0), llama_sampler_init_min_p(0.05f, 0),
            llama_sampler_init_temp(0.8f), llama_sampler_init_dist(99));
}

static struct llama_sampler * penalised(int n) {
    return CHAIN(llama_sampler_init_penalties(n, 64, 1.1f, 0.1f, 0.1f), llama_sampler_init_top_k(40),
            llama_sampler_init_typical(0.97f, 0), llama_sampler_init_xtc(0.3f, 0.1f, 0, 5),
            llama_sampler_init_temp_ext(0.8f, 0.3f, 1), llama_sampler_init_dist(42));
}

static struct llama_sampler * uncut(int n) {
    (void) n;
    return CHAIN(llama_sampler_init_temp(1.5f), llama_sampler_init_dist(7));
}

static struct llama_sampler * mirostat(int n) {
    (void) n;
    return CHAIN(llama_sampler_init_temp(0.8f), llama_sampler_init_mirostat_v2(14, 5, 0.1f));
}

static struct llama_sampler * greedy(int n) {
    (void) n;
    return CHAIN(llama_sampler_init_greedy());
}

static const struct {
    const char * spec;
    struct llama_sampler * (*own)(int n);
} CASES[] = {
    {SPEC, usual},
    {"penalties=64:1.1:0.1:0.1,top_k=40,typical=0.97,xtc=0.3:0.1:0:5,temp_ext=0.8:0.3:1,seed=42", penalised},
    {"temperature=1.5,seed=7", uncut},
    {"temperature=0.8,mirostat_v2=5:0.1:14", mirostat},
    {"greedy", greedy},
};

// Every sampler gets the same rows; at CLONED_AT its clone takes over, while the original goes on with other rows.
static void play(struct llama_sampler * sampler, const float * rows, int n, llama_token tokens[ROWS]) {
    for (int i = 0; i < ROWS; i++) {
        if (i == CLONED_AT) {
            struct llama_sampler * clone = llama_sampler_clone(sampler);
            sample(sampler, rows, n);
            llama_sampler_free(sampler);
            sampler = clone;
        }
        tokens[i] = sample(sampler, rows + (size_t) i * (size_t) n, n);
    }
    llama_sampler_free(sampler);
}

static int differences(const llama_token * a, const llama_token * b) {
    int count = 0;
    for (int i = 0; i < ROWS; i++) {
        count += a[i] != b[i];
    }
    return count;
}

// The rows of a text that llama.cpp's own chain writes, and that a Java chain would have written too.
static float * decode_rows(const char * model_file, int * n) {
    struct llama_model * model = llama_model_load_from_file(model_file, llama_model_default_params());
    CHECK(model != NULL);
    struct llama_context_params params = llama_context_default_params();
    params.n_threads = params.n_threads_batch = 1;
    struct llama_context * context = llama_init_from_model(model, params);
    CHECK(context != NULL);
    const struct llama_vocab * vocab = llama_model_get_vocab(model);
    *n = llama_vocab_n_tokens(vocab);
    float * rows = malloc(ROWS * (size_t) *n * sizeof(float));
    struct llama_sampler * own = usual(*n);
    struct llama_sampler * java = java_sampler("numerics=llama.cpp," SPEC);
    const char * prompt = "Once upon a time";
    llama_token tokens[16];
    int count = llama_tokenize(vocab, prompt, (int) strlen(prompt), tokens, 16, true, true);
    for (int i = 0; i < ROWS; i++) {
        CHECK(llama_decode(context, llama_batch_get_one(tokens, count)) == 0);
        memcpy(rows + (size_t) i * (size_t) *n, llama_get_logits_ith(context, -1), (size_t) *n * sizeof(float));
        tokens[0] = llama_sampler_sample(own, context, -1);
        CHECK(llama_sampler_sample(java, context, -1) == tokens[0]);
        count = 1;
    }
    llama_sampler_free(own);
    llama_sampler_free(java);
    llama_free(context);
    llama_model_free(model);
    return rows;
}

static void play_java(const char * prefix, const char * spec, const float * rows, int n, llama_token tokens[ROWS]) {
    char text[256];
    snprintf(text, sizeof(text), "%s%s", prefix, spec);
    play(java_sampler(text), rows, n, tokens);
}

// Writes the rows, and prints the tokens in numerics portable, for the test to compare with Java's own.
static void parity(const char * backends, const char * model, const char * rows_file) {
    ggml_backend_load_all_from_path(backends);
    int n;
    float * rows = decode_rows(model, &n);
    for (size_t c = 0; c < sizeof(CASES) / sizeof(CASES[0]); c++) {
        llama_token own[ROWS];
        llama_token exact[ROWS];
        llama_token portable[ROWS];
        play(CASES[c].own(n), rows, n, own);
        play_java("numerics=llama.cpp,", CASES[c].spec, rows, n, exact);
        CHECK(differences(own, exact) == 0);
        play_java("", CASES[c].spec, rows, n, portable);
        printf("%s %d", CASES[c].spec, differences(own, portable));
        for (int i = 0; i < ROWS; i++) {
            printf(" %d", portable[i]);
        }
        printf("\n");
    }
    FILE * file = fopen(rows_file, "wb");
    CHECK(file != NULL && fwrite(rows, (size_t) n * sizeof(float), ROWS, file) == ROWS && fclose(file) == 0);
    free(rows);
}

static void small_row(float * row, unsigned seed) {
    for (int i = 0; i < SMALL_VOCAB; i++) {
        seed = seed * 1664525u + 1013904223u;
        row[i] = (float) (seed >> 8) / (float) (1 << 21);
    }
}

// Some tokens of a sampler, which is then freed.
static void use(struct llama_sampler * sampler, llama_token tokens[ROWS]) {
    for (unsigned i = 0; i < ROWS; i++) {
        float row[SMALL_VOCAB];
        small_row(row, i);
        tokens[i] = sample(sampler, row, SMALL_VOCAB);
    }
    llama_sampler_free(sampler);
}

static pthread_barrier_t barrier;

static void * make_and_use(void * tokens) {
    pthread_barrier_wait(&barrier);
    use(java_sampler("numerics=llama.cpp," SPEC), tokens);
    return NULL;
}

static void threads(int count) {
    llama_token own[ROWS];
    use(usual(SMALL_VOCAB), own);
    pthread_t * thread = malloc((size_t) count * sizeof(*thread));
    llama_token (*tokens)[ROWS] = malloc((size_t) count * sizeof(*tokens));
    CHECK(pthread_barrier_init(&barrier, NULL, (unsigned) count) == 0);
    for (int i = 0; i < count; i++) {
        CHECK(pthread_create(&thread[i], NULL, make_and_use, tokens[i]) == 0);
    }
    for (int i = 0; i < count; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
        CHECK(differences(own, tokens[i]) == 0);
    }
    pthread_barrier_destroy(&barrier);
    free(thread);
    free(tokens);
}

static void use_java(void) {
    llama_token tokens[ROWS];
    use(java_sampler(SPEC), tokens);
}

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD};
static volatile sig_atomic_t received;
static sigjmp_buf after_fault;

static void on_signal(int number) {
    received = number;
}

static void on_fault(int number) {
    received = number;
    siglongjmp(after_fault, 1);
}

static void install_handlers(void) {
    for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
        CHECK(sigaction(SIGNALS[i], &(struct sigaction) {.sa_handler = on_signal}, NULL) == 0);
    }
    CHECK(sigaction(SIGSEGV, &(struct sigaction) {.sa_handler = on_fault}, NULL) == 0);
}

static void handlers_are_called(void) {
    for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
        received = 0;
        CHECK(kill(getpid(), SIGNALS[i]) == 0);
        CHECK(received == SIGNALS[i]);
        use_java();
    }
    volatile int * locked = mmap(NULL, sizeof(int), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(locked != MAP_FAILED);
    for (int round = 0; round < 3; round++) {
        received = 0;
        if (sigsetjmp(after_fault, 1) == 0) {
            *locked = 1;
        }
        CHECK(received == SIGSEGV);
        use_java();
    }
}

static void * run_handlers(void * ignored) {
    (void) ignored;
    // Sent to this thread: the process has another one, too, that could take them.
    for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
        received = 0;
        CHECK(raise(SIGNALS[i]) == 0 && received == SIGNALS[i]);
    }
    return NULL;
}

static void handlers(void) {
    install_handlers();
    use_java();
    handlers_are_called();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run_handlers, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

static void late(void) {
    use_java();
    install_handlers();
    handlers_are_called();
}

static void die(int number) {
    // Whoever started the tests may ignore it, as nohup does, and children inherit that.
    CHECK(signal(number, SIG_DFL) != SIG_ERR);
    use_java();
    CHECK(kill(getpid(), number) == 0);
    sleep(5);
}

// The value of a line of /proc/self/task/TASK/status, in hexadecimal.
static unsigned long long status(const char * task, const char * name) {
    char path[300];
    snprintf(path, sizeof(path), "/proc/self/task/%s/status", task);
    FILE * file = fopen(path, "r");
    CHECK(file != NULL);
    char line[256];
    unsigned long long value = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = strtoull(line + strlen(name), NULL, 16);
        }
    }
    fclose(file);
    return value;
}

static void masks(void) {
    char own[32];
    snprintf(own, sizeof(own), "%d", (int) getpid());
    unsigned long long before = status(own, "SigBlk:");
    use_java();
    CHECK(status(own, "SigBlk:") == before);
    DIR * tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    int count = 0;
    for (struct dirent * task; (task = readdir(tasks)) != NULL;) {
        if (task->d_name[0] != '.' && strcmp(task->d_name, own) != 0) {
            count++;
            for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
                // SIGUSR2 is what the JVM stops its own threads with.
                CHECK(SIGNALS[i] == SIGUSR2 || status(task->d_name, "SigBlk:") >> (SIGNALS[i] - 1) & 1);
            }
        }
    }
    closedir(tasks);
    printf("%d threads of the JVM\n", count);
    CHECK(count > 3);
}

static void fork_is_refused(void) {
    use_java();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char error[1024];
        bool refused = java_sampler_init(SPEC, error, sizeof(error)) == NULL && strstr(error, "fork") != NULL;
        _exit(refused ? 0 : 1);
    }
    int state;
    CHECK(waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == 0);
}

int main(int argc, char ** argv) {
    const char * mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "parity") == 0 && argc == 5) {
        parity(argv[2], argv[3], argv[4]);
    } else if (strcmp(mode, "threads") == 0 && argc == 3) {
        threads(atoi(argv[2]));
    } else if (strcmp(mode, "handlers") == 0) {
        handlers();
    } else if (strcmp(mode, "late") == 0) {
        late();
    } else if (strcmp(mode, "die") == 0 && argc == 3) {
        die(atoi(argv[2]));
    } else if (strcmp(mode, "masks") == 0) {
        masks();
    } else if (strcmp(mode, "use") == 0 && argc == 3) {
        llama_token tokens[ROWS];
        use(java_sampler(argv[2]), tokens);
        for (int i = 0; i < ROWS; i++) {
            printf("%d ", tokens[i]);
        }
    } else if (strcmp(mode, "fork") == 0) {
        fork_is_refused();
    } else {
        fprintf(stderr, "must be called as plugin_host.c says\n");
        return 2;
    }
    printf("holds: %s\n", mode);
    return 0;
}
