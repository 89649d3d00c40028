// libcrypto 3 deprecates the functions of a single algorithm for those that ask its providers for one. SHA-1 of a
// handshake's key does not need them: loading and searching them takes as long as starting the program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
