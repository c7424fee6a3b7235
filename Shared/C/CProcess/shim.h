// fork, exec, wait and signals for engines and development processes.
#pragma once
#include <sys/types.h>
