using System.Diagnostics;

namespace SimNet.Embeddings.Tests;

/// <summary>The programs of libjpeg (package libjpeg-turbo-progs).</summary>
internal static class LibjpegPrograms
{
    public static bool Has(string program) => Find(program) is not null;

    /// <summary>Skips the test if a program is not installed.</summary>
    public static void SkipWithout(params string[] programs)
    {
        foreach (string program in programs)
        {
            Skip.If(!Has(program), $"The program {program} (libjpeg-turbo-progs) is not installed.");
        }
    }

    /// <summary>Runs a program on the bytes of a file and returns its output.</summary>
    public static byte[] Run(string program, string arguments, byte[] input, int warningCode = 0)
    {
        string folder = Directory.CreateTempSubdirectory("simnet-jpeg-").FullName;
        try
        {
            string source = Path.Combine(folder, "in");
            string target = Path.Combine(folder, "out");
            File.WriteAllBytes(source, input);
            using Process process = Process.Start(new ProcessStartInfo(Find(program)!, $"{arguments} -outfile {target} {source}")
            {
                RedirectStandardError = true,
                WorkingDirectory = folder,
            })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0 || process.ExitCode == warningCode, $"{program} {arguments}: {errors}");
            return File.ReadAllBytes(target);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Decodes a JPEG file with djpeg, which treats warnings as errors.</summary>
    public static Image Djpeg(byte[] jpeg) => ReadPnm(Run("djpeg", "-strict -pnm", jpeg));

    /// <summary>Decodes a JPEG file with djpeg and further arguments, whatever its warnings.</summary>
    public static Image TolerantDjpeg(byte[] jpeg, string arguments = "") =>
        ReadPnm(Run("djpeg", $"-pnm {arguments}", jpeg, warningCode: 2));

    private static Image ReadPnm(byte[] file)
    {
        int channels = file[1] == '6' ? 3 : 1;
        int position = 2;
        int width = ReadNumber(file, ref position);
        int height = ReadNumber(file, ref position);
        Assert.Equal(255, ReadNumber(file, ref position));
        return new Image(width, height, channels, file[(position + 1)..]);
    }

    private static int ReadNumber(byte[] file, ref int position)
    {
        while (file[position] <= ' ')
        {
            position++;
        }

        int value = 0;
        while (file[position] > ' ')
        {
            value = 10 * value + file[position++] - '0';
        }

        return value;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe") })
        .FirstOrDefault(File.Exists);
}
