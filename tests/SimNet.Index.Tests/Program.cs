namespace SimNet.Index.Tests;

/// <summary>The entry point of the test assembly as a process of its own: the saves that <see cref="KilledSaveTests"/> kills.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not ["save", string state, string otherState, string path])
        {
            return 2;
        }

        KilledSaveTests.SaveForever(state, otherState, path);
        return 0;
    }
}
