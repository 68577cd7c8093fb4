#ifndef DRAGOMAN_CLIBPQ_SHIM_H
#define DRAGOMAN_CLIBPQ_SHIM_H

#include <libpq-fe.h>

#endif
