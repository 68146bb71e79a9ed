namespace SimNet.TorchSharp.Tests;

/// <summary>What the test assembly does when run by itself: open the back end, and say what came of it.</summary>
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
            Console.WriteLine($"refused: {exception.Message}");
            return 3;
        }
    }
}
