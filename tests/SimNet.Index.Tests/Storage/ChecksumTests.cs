namespace SimNet.Index.Tests;

public sealed class ChecksumTests
{
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("123456789", 0xE3069283u)]
    public void CRC_32C_gives_the_published_values(string text, uint expected) =>
        Assert.Equal(expected, IndexFileHeader.Checksum(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void CRC_32C_of_32_zeros_equals_that_of_RFC_3720() => Assert.Equal(0x8A9136AAu, IndexFileHeader.Checksum(new byte[32]));
}
