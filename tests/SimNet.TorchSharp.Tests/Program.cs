namespace SimNet.TorchSharp.Tests;

/// <summary>The entry point of the test assembly as a program: creates the back end and prints the result.</summary>
internal static class Program
{
    private static int Main()
    {
        try
        {
            Console.WriteLine(new TorchSharpBackend().Name);
            return 0;
        }
        catch (NativeLibraryException exception)
        {
            Console.WriteLine($"error: {exception.Message}");
            return 3;
        }
    }
}
