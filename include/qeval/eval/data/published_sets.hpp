// The data sets that are published under tasks' names. Written by tests/golden/make_published_sets.py, which says from
// what.
#pragma once

#include <qeval/eval/data/published_set.hpp>

namespace qeval::published {

inline constexpr published_set arc_easy_test{
    .name     = "ARC-Easy, test split",
    .items    = 2376,
    .contents = "72f1cf403bd01c6a",
    .probes   = "666157fe7e386961af40182e3a9cd77154c06b9c0c6fe15ed7d757f328cfd24be469d8894762321c7636dcc19267fa85"
                "e3beba96bb5d4de974131005242bfb794aa6c2b990f0f72961df89e6c46ed02ca3f032c0065aa2aebfba20b46c04b43c"
                "2ec14a23abcf121b653058d0c90c0c83be0ca65d2e19866c30f6422f9a235795439163dbbc690ac15e4f9b12de291299"
                "19b80089d438b1680728463fb0c3ba79"};

inline constexpr published_set arc_challenge_test{
    .name     = "ARC-Challenge, test split",
    .items    = 1172,
    .contents = "013af179e8a86fc1",
    .probes   = "2b4bb298d842dc2452ddd0fa9fe42d7e1ad52a32c2b6ef7ee668a2547590639f92aa5ae04e8889b719d40a1f14fb8c43"
                "99bf89633b457d2f18ac13eca48fcdaa09138c0afa3d2285a551a164d2a300e23f36d306078c61c6ce90e6b2c64bc462"
                "d71b0996249b270d231b240d7473eb1e09596feb6e517220f2c9b669c7f2ed1d080809c9e544ade6e83901deb2f34b58"
                "a990dfc99f6e30c21eb8510e27b906ac"};

inline constexpr published_set gsm8k_test{
    .name     = "GSM8K, test split",
    .items    = 1319,
    .contents = "11e693256f075580",
    .probes   = "89b403e320f84a06da06bdb9fb3c15c99190c6bf02f829ab3e3090f963ece4ab5dad83ac13e1601feb243ca147b1a894"
                "02136a1ce1b486cfbbcb950574aaa18d96feb3f173a979563425d0dc42a7f62dc73190362dce6ebc66e1bdc8b373ef7c"
                "fdea254ef31d104d782d73fcc755ec5637f3b37ea73596411adaf9df17bde76bf72181421a8fa8bac2fa7884b5953256"
                "23483f3de19c15bc174b3f4e1fa8d32f"};

inline constexpr published_set lambada_test{
    .name     = "LAMBADA, OpenAI's test set",
    .items    = 5153,
    .contents = "48b987378f9c3909",
    .probes   = "df8d1229d79755d798654d1ef6864b0762a5013ce195b9e176b049d0022c4345d848167e061c192388a88ebf8b3056c8"
                "22283b9a39c9cf92b0b6b5cd860857747a1e1988f8116215c406f2edeeaae5631fb4ecbda16b0e25a5fcbd18e8d42850"
                "5f2b128327a02e14b7763bffe51647fd2e1192ad7e34bcee29a8c4cc7a5087473b5388e7bb89b7f9caa481597a1b2b35"
                "b078bc924d7b025e94060129ce1fdd4f"};

inline constexpr published_set humaneval_test{
    .name     = "HumanEval",
    .items    = 164,
    .contents = "e05880409b9ea690",
    .probes   = "4047cfbdf1d0db8378e834f1779bd9ebd6fb75e53a8cbf60e0e48a4927a1cebe802e35f0b58c47e34abb2c3dc0dbffee"
                "759c34d1bb4589619764ebe8f9d100640811efaf3a9bde03b6c54b22c4107e1ca07e81366fe8e2a961214726f50f6602"
                "51679b337d2ce7eece98cdc4b4639db04441561b54526264da08ba9c616b6a62332023666367388fceb5a893ce1d96d7"
                "b9e70ee2960c13cd71d05ea27f77d0bf"};

inline constexpr published_set mbpp_test{
    .name     = "MBPP, test split",
    .items    = 500,
    .contents = "0e6afe7eb5b16191",
    .probes   = "fa4e67a6b9bd1b66cd66627e5935c8fd31821a21bb0b125a24e6fdec7748249c803ae9a7a3d12646b42696df98edc009"
                "3d4502a0414b3683b5b51d19eeb5ac2a855d770eb0d900907964ff5c3855b59cbd10215bca9f84923733ba96dda930d0"
                "bf5296727fe2c9c121bac5f205776cc6a832335d3b36333689178ca7b6b9575cd00f764d52f720ecf291f53c77e117db"
                "b86158129e911414fedb7d930ff03bc5"};

inline constexpr published_set hellaswag_val_text{
    .name     = "HellaSwag, validation split",
    .items    = 10042,
    .contents = "ee8891e817423a38",
    .probes   = "a2feba2852357656b61040159f2b83cdeae6d01bb24b3456aad7e0597b951b4887e05faf7b1c3cc32146428572ee272f"
                "135ff7f8f5ea959b379f21b10331f4b460100ca308e047a87a0084feef76466c3442931f8ff8d9af754a54aa829345ac"
                "2e7898031908719c2ce2e123343fcfdea61e31c6636262244402b19ad6b148e2b8dfefd56f0bd21b80a62e3fe14172a5"
                "76fdc8cba83d4fdfaf9337ec6e69bd83"};

inline constexpr published_set hellaswag_val{.name  = "HellaSwag, validation split",
                                             .items = 10042,
                                             .bytes =
                                                 "0aa3b88843990f3f10a97b9575c94d7b71fb2205240ba04ae4884d9e9c992588"};

inline constexpr published_set mmlu_dev{
    .name     = "MMLU, dev split",
    .items    = 285,
    .contents = "6ff361db7b34f46d",
    .probes   = "785c053093a735deda5af5d6f35dafac29375646f1b87695c6f5b7df6bc483ff04dc2d4f4c98055940947b5d7c21a6f3"
                "ea4b7bf4e1cfcf149c2bf12580bf01d6735cb690984e63a68d4a6617759770114a0366b7b462606066e532c756ce293e"
                "da7c6be1601f5fc32ada865b653b0b8921700c53b8a69d9e6b115315b36dc1159b6d7a3fa08df2f47e0d6968227e300d"
                "1d0d67b170401322a084ae1b9da233ff4b8971c6b84e45bf224c96a63c7dd604b29dcabf0072fb0aea702c3ee0919a4b"
                "47df604ba0373aec3d736cf2367b50310b935b54ae32e463c50845ffc057bddf262ead40"};

inline constexpr published_set mmlu_val{
    .name     = "MMLU, val split",
    .items    = 1531,
    .contents = "63116addb16a9af5",
    .probes   = "1df279322151c504a663a77b460e27b99ddae96e3745c2e067279de71446522018c62493f39ac4ca3953e7286616b92c"
                "a28f30de40a2ca3d56349d3d66c7c97f30bd44376a585ac3998220b644a81fd8b9e4821a1b368615cc46e72d749b806a"
                "fc84789624fb64f3fcfe8eadd97535ecb24494d11e10da65c83ce99f36ef62a4e9727953be13de00bef2d3926b505376"
                "b3e2231886beb800623087ef834dcd75679deee66119ccd6ed07a234003c2369ffcfd404fd5f802dd0a4ea90d4cdc258"
                "44805a70c96255db7b087f2a448da91d078e1dcb4c9171c672bccacbf41656ad2170ef67"};

inline constexpr published_set mmlu_test{
    .name     = "MMLU, test split",
    .items    = 14042,
    .contents = "1e8ea3c87b19f258",
    .probes   = "2378ed935281a6311c7a0092a476d1d1d87eb352c8642e206d96366206c4790b8f7c9adfe6384d5ab73ff9d758e7415c"
                "9e28ceb265ff5053a5049aba5b44f6d3fa96a3568b9b10644e4d083d3ee04048cfe2973ae1e8dc6dad9b4a30c34fb2ac"
                "892d0b1136d46ee77288952bba42152317ec53a39fe1814078a6bb9d34b1540513e8024ca22bf8acfb32bc76f7da7a14"
                "b276525a664d188063da516ab75a06613ce2849f7a11b21782f7a026fe2ba192d4b1ef0f4891db63c7b7c5d1b333a168"
                "9a038dddb40fd5f70e3d90399a3c6e0541a7c34c08789bc4544a9195035cc9ef8f697b16"};

inline constexpr published_set ceval_dev{
    .name     = "C-Eval, dev split",
    .items    = 260,
    .contents = "179d0109a3d698d9",
    .probes   = "964fc83770b42e739bc1c05d2e30bbde551530892dc6cb4ddbb2529fde4be0ed50adf119a96f779ba175496dd14f459d"
                "9f699aadc4bfdb0d3d52b869cc3065bb8590cccb7dc4de44741ee96e7df5bae6873fc413c82a5dffa9298e66cc7b8564"
                "1d27bce8ba0f5b6f7d0bb3509c8a05af695f99ab3182d0175c6e17f29500362f2807fb36314c3adf4d99fe201606354a"
                "472608879b0538e55975c1234a2c3dc6f83dc2238414ed0b8ec89d92013483194ebf95c2f237fa3cabbfe222d7dbfd7b"
                "7231bee3532e2e2f3663cc77dfcabcb6"};

inline constexpr published_set ceval_val{
    .name     = "C-Eval, val split",
    .items    = 1346,
    .contents = "026f2d94045a9b20",
    .probes   = "14ff8f06fd47b2ddc76862ef61cdcce7c374226bff553b939762d80eecb2d1b85b8599ef7636cfa6f75948820c7d84db"
                "df24cbcc08683dda80fa3773c135a3ab0ee20d0b9f459813524addd99cb71371d109c7ee4e6d7dbdb3faef84ade8b43f"
                "404cde82d122d648a8214d1bf878ed086b28d8edeeded6a1b16781af1fdad8d59d2dafbd3fe308811d81dc37b3bd364b"
                "055c2d3ec662d4dfe483c7a877fdffde90f5b93390dc8a97b012d7a3b76ed2ae7e4fdeee462febf8b25e32d0d0ae23cb"
                "550760afaf0c996db27ee957d5dba8b4"};

inline constexpr published_set single_line_infilling{
    .name  = "HumanEval, single-line infilling",
    .items = 1033,
    .names = "SingleLineInfilling/HumanEval/",
    .bytes = "6fffc71ec2f1674372fcc177511f92312f1a27a9eacd8e43255c9f5ee9eca8c8"};

inline constexpr published_set multi_line_infilling{
    .name  = "HumanEval, multi-line infilling",
    .items = 5815,
    .names = "MultiLineInfilling/HumanEval/",
    .bytes = "5b49f312f0a781420a4ae54f5e73176009b9cfc52731e3a0b9be726b451032d1"};

inline constexpr published_set random_span_infilling{
    .name  = "HumanEval, random-span infilling",
    .items = 1640,
    .names = "RandomSpanInfilling/HumanEval/",
    .bytes = "4f15be2d4a479b504072c64e79702df184010f13bdf75f8b67ce08e054c48e26"};

inline constexpr published_set random_span_infilling_light{
    .name  = "HumanEval, random-span infilling, light",
    .items = 164,
    .names = "RandomSpanInfillingLight/HumanEval/",
    .bytes = "cbb2b36f90311a3a7d844b6361852bb33e3ab11ab3bca2b7e85bfb9bf78c5891"};

} // namespace qeval::published
