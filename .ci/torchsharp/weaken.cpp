// Marks one version that an ELF file requires of a library as weak, in place: the loader then warns instead of refusing the file.
// Usage: weaken FILE VERSION, such as GLIBCXX_3.4.32.
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char** argv)
{
    if (argc != 3)
    {
        std::fprintf(stderr, "usage: weaken FILE VERSION\n");
        return 2;
    }

    std::ifstream input(argv[1], std::ios::binary);
    std::vector<char> bytes((std::istreambuf_iterator<char>(input)), {});
    if (bytes.size() < sizeof(Elf64_Ehdr) || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
    {
        std::fprintf(stderr, "%s is not an ELF file\n", argv[1]);
        return 1;
    }

    auto* header = reinterpret_cast<Elf64_Ehdr*>(bytes.data());
    auto* sections = reinterpret_cast<Elf64_Shdr*>(bytes.data() + header->e_shoff);
    int marked = 0;
    for (int i = 0; i < header->e_shnum; i++)
    {
        if (sections[i].sh_type != SHT_GNU_verneed)
        {
            continue;
        }

        const char* names = bytes.data() + sections[sections[i].sh_link].sh_offset;
        char* need = bytes.data() + sections[i].sh_offset;
        for (unsigned n = 0; n < sections[i].sh_info; n++)
        {
            auto* library = reinterpret_cast<Elf64_Verneed*>(need);
            char* entry = need + library->vn_aux;
            for (int v = 0; v < library->vn_cnt; v++)
            {
                auto* version = reinterpret_cast<Elf64_Vernaux*>(entry);
                if (std::strcmp(names + version->vna_name, argv[2]) == 0)
                {
                    version->vna_flags |= VER_FLG_WEAK;
                    marked++;
                }

                entry += version->vna_next;
            }

            need += library->vn_next;
        }
    }

    std::ofstream(argv[1], std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return marked > 0 ? 0 : 1;
}
