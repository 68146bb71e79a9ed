namespace SimNet.Benchmarks;

/// <summary>Values of an option, separated by commas, which is also how help shows a default.</summary>
/// <typeparam name="T">The type of a value.</typeparam>
/// <param name="values">The values.</param>
internal sealed class CommaSeparated<T>(params T[] values)
{
    public T[] Values => values;

    public override string ToString() => string.Join(',', values);
}
