using System.Runtime.CompilerServices;

namespace SimNet.Core;

/// <summary>Options for <see cref="CatalogSplit.CreateAsync"/>.</summary>
public sealed record CatalogSplitOptions
{
    /// <summary>
    /// The label to stratify by: the name of an attribute, or <see cref="Product.CategoryLabel"/>, the default. Products without this label
    /// are left out.
    /// </summary>
    public string Label { get; init; } = Product.CategoryLabel;

    /// <summary>The share of products with each value of the label that goes to the validation part; 0.1 by default, in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double ValidationShare
    {
        get;
        init => field = Check(value);
    } = 0.1;

    /// <summary>The share of products with each value of the label that goes to the test part; 0.1 by default, in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double TestShare
    {
        get;
        init => field = Check(value);
    } = 0.1;

    /// <summary>The seed of the split; 0 by default. The same seed always gives the same split.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// How to find products with the same image, which stay in one part; the defaults of <see cref="NearDuplicateOptions"/> by default.
    /// <see langword="null"/> skips the search, which reads every image.
    /// </summary>
    public NearDuplicateOptions? NearDuplicates { get; init; } = new();

    private static double Check(double value, [CallerMemberName] string name = "") => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected a value of at least 0 and less than 1.");
}
