namespace SimNet.Models;

/// <summary>
/// Walks a file's Protocol Buffers encoding before the parser makes objects of it: lengths must lie within their message, and there may
/// be no more messages, fields and whole numbers than a network has, since two bytes of file can become hundreds in memory. Takes no memory.
/// </summary>
internal ref struct WireCheck
{
    private const int MaxMessages = 250_000, MaxFields = 2_000_000, MaxIntegers = 4_000_000;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string? _name;
    private int _messages, _fields, _integers;

    private WireCheck(ReadOnlySpan<byte> file, string? name)
    {
        _file = file;
        _name = name;
    }

    /// <summary>The messages of onnx.proto. None contains itself, so that the walk goes no deeper than there are kinds.</summary>
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

    /// <exception cref="ModelFormatException">The bytes are no such encoding, or too much in number.</exception>
    public static void Require(ReadOnlySpan<byte> file, string? name)
    {
        var walk = new WireCheck(file, name);
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

    /// <summary>Lists of numbers of varying length, which are small in files and eight bytes each in memory.</summary>
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
                throw Damaged("a field of no valid number", start);
            }

            switch (tag & 7)
            {
                case 0:
                    _ = Varint(ref at, to);
                    if (IsIntegers(message, field))
                    {
                        Count(ref _integers, MaxIntegers, "whole numbers", start);
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
                            Count(ref _integers, MaxIntegers, "whole numbers", start);
                        }
                    }

                    at = end;
                    break;
                case 5:
                    at = Skip(at, sizeof(int), to, start);
                    break;
                default:
                    throw Damaged("a field of a wire type that ONNX does not use", start);
            }
        }
    }

    private readonly int Skip(int at, ulong length, int to, int start) => length <= (ulong)(to - at)
        ? at + (int)length
        : throw Damaged($"a field of {length} bytes where {to - at} are left", start);

    private readonly ulong Varint(ref int at, int to)
    {
        ulong value = 0;
        int start = at;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= to)
            {
                throw Damaged("a number that does not end", start);
            }

            byte part = _file[at++];
            value |= (ulong)(part & 0x7F) << Math.Min(shift, 63);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number of more than ten bytes", start);
    }

    private readonly void Count(ref int counter, int most, string what, int at)
    {
        if (++counter > most)
        {
            throw Damaged($"more than {most} {what}, which is more than any network has", at);
        }
    }

    private readonly ModelFormatException Damaged(string problem, int at) => new($"{problem}; no ONNX file that can be read", _name, at);
}
