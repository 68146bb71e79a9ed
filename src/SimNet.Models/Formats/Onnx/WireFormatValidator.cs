namespace SimNet.Models;

/// <summary>
/// Validates the Protocol Buffers wire format of a file before it is parsed into objects. Lengths must be within their message, and the
/// number of messages, fields, and integers is limited, because two bytes of a file can become hundreds in memory. Allocates nothing.
/// </summary>
internal ref struct WireFormatValidator
{
    private const int MaxMessages = 250_000, MaxFields = 2_000_000, MaxIntegers = 4_000_000;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string? _name;
    private int _messages, _fields, _integers;

    private WireFormatValidator(ReadOnlySpan<byte> file, string? name)
    {
        _file = file;
        _name = name;
    }

    /// <summary>The messages of onnx.proto. None is recursive, so the depth is limited.</summary>
    private enum Message
    {
        None,
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        Value,
        Type,
        TensorType,
        TensorShape,
        Dimension,
        OperatorSet,
        Entry,
    }

    /// <exception cref="ModelFormatException">The bytes are not a valid encoding or exceed a limit.</exception>
    public static void Validate(ReadOnlySpan<byte> file, string? name)
    {
        var walk = new WireFormatValidator(file, name);
        walk.Walk(Message.Model, 0, file.Length);
    }

    private static Message Child(Message parent, ulong field) => (parent, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 8) => Message.OperatorSet,
        (Message.Model, 14) => Message.Entry,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 11 or 12) => Message.Value,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5) => Message.Tensor,
        (Message.Tensor, 13) => Message.Entry,
        (Message.Value, 2) => Message.Type,
        (Message.Type, 1) => Message.TensorType,
        (Message.TensorType, 2) => Message.TensorShape,
        (Message.TensorShape, 1) => Message.Dimension,
        _ => Message.None,
    };

    /// <summary>Determines whether a field is a list of integers, which take one byte each in a file and eight in memory.</summary>
    private static bool IsIntegers(Message parent, ulong field) => (parent, field) is (Message.Tensor, 1 or 7) or (Message.Attribute, 8);

    private void Walk(Message message, int from, int to)
    {
        Count(ref _messages, MaxMessages, "messages", from);
        for (int at = from; at < to;)
        {
            int start = at;
            ulong tag = Varint(ref at, to), field = tag >> 3;
            Count(ref _fields, MaxFields, "fields", start);
            if (field == 0 || tag > uint.MaxValue)
            {
                throw Damaged("a field number is not valid", start);
            }

            switch (tag & 7)
            {
                case 0:
                    _ = Varint(ref at, to);
                    if (IsIntegers(message, field))
                    {
                        Count(ref _integers, MaxIntegers, "integers", start);
                    }

                    break;
                case 1:
                    at = Skip(at, sizeof(long), to, start);
                    break;
                case 2:
                    ulong length = Varint(ref at, to);
                    int end = Skip(at, length, to, start);
                    if (Child(message, field) is var child and not Message.None)
                    {
                        Walk(child, at, end);
                    }
                    else if (IsIntegers(message, field))
                    {
                        while (at < end)
                        {
                            _ = Varint(ref at, end);
                            Count(ref _integers, MaxIntegers, "integers", start);
                        }
                    }

                    at = end;
                    break;
                case 5:
                    at = Skip(at, sizeof(int), to, start);
                    break;
                default:
                    throw Damaged("ONNX does not use the wire type of a field", start);
            }
        }
    }

    private readonly int Skip(int at, ulong length, int to, int start) => length <= (ulong)(to - at)
        ? at + (int)length
        : throw Damaged($"a field has {length} bytes, but {to - at} remain", start);

    private readonly ulong Varint(ref int at, int to)
    {
        ulong value = 0;
        int start = at;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= to)
            {
                throw Damaged("a number is truncated", start);
            }

            byte part = _file[at++];
            value |= (ulong)(part & 0x7F) << Math.Min(shift, 63);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number has more than ten bytes", start);
    }

    private readonly void Count(ref int counter, int most, string what, int at)
    {
        if (++counter > most)
        {
            throw Damaged($"the file has more than {most} {what}, which is the limit", at);
        }
    }

    private readonly ModelFormatException Damaged(string problem, int at) => new($"the file is not valid ONNX: {problem}", _name, at);
}
