// Written by tests/golden/make_prescribed_inputs.py; do not edit. compressed-tensors 0.19.0, torch 2.14.0.
// clang-format off
#pragma once

namespace qeval_test {

inline constexpr char const* prescribed_row = "e55fb0712bf4aa8e48dd8d9bd9401b7f9f736445166fc23d2a304eef25e7df65";
struct prescribed_case {
    char const* name;
    float scale, zero;
    int group;
    char const* sha256;
    unsigned first[8];
};
inline constexpr prescribed_case prescribed_cases[] = {
    {"int8:stored", 0.0625f, 0.0f, 0, "26fe51882dcd4f56a6e959bdd58e11980dd1b0455dc1834cf53da23dce771569",
     {0xbf000000u, 0x00000000u, 0x3ee00000u, 0xbd800000u, 0x3ee00000u, 0xbe000000u, 0x3ec00000u, 0xbe400000u}},
    {"int8:stored", 0.171875f, -9.0f, 0, "0842594ca5d721bf74999a310a0b69a80cc4d3a91b1dc134f62c9c2824fbffdd",
     {0xbf040000u, 0x00000000u, 0x3f040000u, 0x00000000u, 0x3eb00000u, 0xbe300000u, 0x3eb00000u, 0xbe300000u}},
    {"fp8:stored", 0.0302734375f, 0.0f, 0, "ff97b090e0212b2f5c8a46f589e001a2caf0fd961ca559b1e084d88ca7c04e7e",
     {0xbef80000u, 0xbc688000u, 0x3ee88000u, 0xbd8b8000u, 0x3ed90000u, 0xbde88000u, 0x3eba0000u, 0xbe2a8000u}},
    {"fp8:groups", 1.0f, 0.0f, 64, "20f90e8acd896dfb25eb951704c4b36f231804b89f0bc2bfe5521411b9e79bbb",
     {0xbefdb660u, 0xbc5977c0u, 0x3eeb9710u, 0xbd87ead8u, 0x3ed977c0u, 0xbdeb9710u, 0x3eb53920u, 0xbe2319d0u}},
    {"nvfp4:stored", 90.5f, 0.0f, 16, "7c3bb85b36e90db565b4401a988c0eb80a638a884c586da70665f27acd4de13f",
     {0xbefe95ecu, 0x00000000u, 0x3efe95ecu, 0xbda9b948u, 0x3ea9b948u, 0xbdfe95ecu, 0x3ea9b948u, 0xbe29b948u}},
    {"mxfp4", 1.0f, 0.0f, 32, "c1672b807fedf1a07fd12809b17f039257f9b3b5bfbb1ecbadbe4dae8e66bbef",
     {0xbf000000u, 0x00000000u, 0x3f000000u, 0xbd800000u, 0x3ec00000u, 0xbe000000u, 0x3ec00000u, 0xbe400000u}},
    {"mxfp8", 1.0f, 0.0f, 32, "bdbc539c074d454f63cb81be537763fac4a25db5e96bb6b28ca4419b21082b58",
     {0xbf000000u, 0xbc600000u, 0x3ef00000u, 0xbd800000u, 0x3ed00000u, 0xbdf00000u, 0x3eb00000u, 0xbe300000u}},
};

} // namespace qeval_test
