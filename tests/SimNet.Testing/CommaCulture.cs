using System.Globalization;

namespace SimNet.Testing;

/// <summary>A current culture with a decimal comma, an apostrophe between groups and an unusual minus sign, until it is disposed.</summary>
public sealed class CommaCulture : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public CommaCulture() => CultureInfo.CurrentCulture = new CultureInfo("")
    {
        NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "'", NegativeSign = "~" },
    };

    public void Dispose() => CultureInfo.CurrentCulture = _before;
}
