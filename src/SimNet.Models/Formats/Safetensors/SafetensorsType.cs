namespace SimNet.Models;

/// <summary>The supported data types, by their names in the format.</summary>
internal enum SafetensorsType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    BOOL,
}
