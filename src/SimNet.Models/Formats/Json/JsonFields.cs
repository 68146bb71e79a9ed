using System.Text.Json;

namespace SimNet.Models;

/// <summary>Reads the fields of a JSON object, each once. Fields that remain at the end are unknown and an error.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _left = new(StringComparer.Ordinal);

    public JsonFields(JsonElement element, string location)
    {
        Location = location;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"{location} is {element.ValueKind}; expected an object");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            _left.Add(property.Name, property.Value);
        }
    }

    /// <summary>The name of the object in messages.</summary>
    public string Location { get; set; }

    public string String(string field) => StringOf(field, Take(field, JsonValueKind.String));

    public int Integer(string field) => IntegerOf(field, Take(field, JsonValueKind.Number));

    public float Single(string field) => Take(field, JsonValueKind.Number).TryGetSingle(out float value) && float.IsFinite(value)
        ? value
        : throw new FormatException($"{Location}: '{field}' is not a finite float32");

    /// <summary>Reads a number or an array of numbers.</summary>
    public int[] OneOrMoreIntegers(string field) =>
        _left.TryGetValue(field, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? Integers(field) : [Integer(field)];

    public bool Has(string field) => _left.ContainsKey(field);

    public int[] Integers(string field) => [.. Take(field, JsonValueKind.Array).EnumerateArray().Select(e => IntegerOf(field, e))];

    public string[] OptionalStrings(string field) => _left.ContainsKey(field)
        ? [.. Take(field, JsonValueKind.Array).EnumerateArray().Select(e => StringOf(field, e))]
        : [];

    public bool Flag(string field)
    {
        if (!_left.Remove(field, out JsonElement value))
        {
            throw new FormatException($"{Location} lacks '{field}'");
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new FormatException($"{Location}: '{field}' is {value.ValueKind}; expected true or false");
    }

    public IEnumerable<JsonElement> Objects(string field) => Take(field, JsonValueKind.Array).EnumerateArray();

    public void Finish()
    {
        if (_left.Count > 0)
        {
            throw new FormatException($"{Location} has the unknown field '{_left.Keys.First()}'");
        }
    }

    private JsonElement Take(string field, JsonValueKind kind)
    {
        if (!_left.Remove(field, out JsonElement value))
        {
            throw new FormatException($"{Location} lacks '{field}'");
        }

        return value.ValueKind == kind ? value : throw new FormatException($"{Location}: '{field}' is {value.ValueKind}; expected {kind}");
    }

    private string StringOf(string field, JsonElement element) =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text
            ? text
            : throw new FormatException($"{Location}: '{field}' is not a string, or is empty");

    private int IntegerOf(string field, JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value)
            ? value
            : throw new FormatException($"{Location}: '{field}' is not a 32-bit integer");
}
