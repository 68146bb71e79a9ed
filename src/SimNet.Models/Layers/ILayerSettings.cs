namespace SimNet.Models;

/// <summary>
/// Reads or writes the settings of a layer in order. A writer returns the value it is given; a reader returns the value in the file.
/// A setting with a value for <c>absent</c> is omitted from the file if it equals that value.
/// </summary>
internal interface ILayerSettings
{
    int Integer(string name, int value, int? absent = null);

    float Single(string name, float value);

    bool Flag(string name, bool value, bool? absent = null);

    Size2d Size(string name, Size2d value, Size2d? absent = null);

    Padding2d Padding(string name, Padding2d value, Padding2d? absent = null);
}
