namespace SimNet.Index.Tests;

/// <summary>What the test assembly does when run by itself: the saves that <see cref="KilledSaveTests"/> kills.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not ["save", string state, string otherState, string path])
        {
            return 2;
        }

        KilledSaveTests.SaveForEver(state, otherState, path);
        return 0;
    }
}
