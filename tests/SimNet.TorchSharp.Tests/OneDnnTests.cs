using System.Runtime.InteropServices;

namespace SimNet.TorchSharp.Tests;

public sealed class OneDnnTests
{
    [Theory]
    [InlineData("AuthenticAMD", 0x02C0003F, 63, false)]
    [InlineData("AuthenticAMD", 0, 0, true)]
    [InlineData("GenuineIntel", 0, 0, false)]
    public void Caches_are_misread_on_a_processor_of_AMD_without_their_leaf(string vendor, int ways, int sets, bool misread)
    {
        byte[] name = System.Text.Encoding.ASCII.GetBytes(vendor);
        int[] registers = MemoryMarshal.Cast<byte, int>(name).ToArray();

        Assert.Equal(misread, OneDnn.MisreadsCaches((leaf, subleaf) => (leaf, subleaf) switch
        {
            (0, _) => (16, registers[0], registers[2], registers[1]),
            (unchecked((int)0x8000001D), 0) => (0x121, ways, sets, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(leaf), leaf, null),
        }));
    }
}
