// Defines the one symbol of GCC 13's C++ library that TorchSharp's native library takes, for systems with an older one: construction of
// the standard streams.
#include <ios>

namespace std
{
    void ios_base_library_init()
    {
        static ios_base::Init streams;
    }
}
