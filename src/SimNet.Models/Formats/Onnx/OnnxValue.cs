namespace SimNet.Models;

/// <summary>What a name in an ONNX graph stands for, as far as a network needs to know: see <see cref="OnnxMap"/> and <see cref="OnnxConstant"/>.</summary>
internal abstract record OnnxValue;
