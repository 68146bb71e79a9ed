using System.Globalization;
using System.Text;

namespace SimNet.MagickNet.Tests;

/// <summary>Programs that read or write images, independent of ImageMagick.</summary>
internal static class ReferenceProgram
{
    /// <summary>Runs a program on files. Skips the test if it is not installed.</summary>
    public static void Run(string program, params string[] arguments)
    {
        (int code, _, string errors) = ProgramRunner.Convert(program, [], arguments);
        Assert.True(code == 0, $"{program}: {errors}");
    }

    /// <summary>Runs a program on bytes and returns what it writes. Skips the test if it is not installed.</summary>
    public static byte[] Convert(byte[] input, string program, params string[] arguments)
    {
        (int code, byte[] output, string errors) = ProgramRunner.Convert(program, input, arguments);
        Assert.True(code == 0, $"{program}: {errors}");
        return output;
    }

    /// <summary>Reads an image in Netpbm's binary formats for gray and color, of 8 bits.</summary>
    public static Image ReadPnm(byte[] pnm)
    {
        string[] fields = new string[4];
        int at = 0;
        for (int i = 0; i < fields.Length; i++)
        {
            int end = Array.FindIndex(pnm, at, value => value is (byte)' ' or (byte)'\n');
            fields[i] = Encoding.ASCII.GetString(pnm, at, end - at);
            at = end + 1;
        }

        Assert.Equal("255", fields[3]);
        return new Image(
            int.Parse(fields[1], CultureInfo.InvariantCulture),
            int.Parse(fields[2], CultureInfo.InvariantCulture),
            fields[0] == "P5" ? 1 : 3,
            pnm[at..]);
    }
}
